// OpenBLAS with the few LAPACK routines that the project calls. Debian builds OpenBLAS
// without LAPACKE but exports Fortran LAPACK; declaring the symbols here avoids linking
// liblapacke, which would bring two more BLAS libraries with it.
#ifndef UNIVERSALITY_COPENBLAS_SHIM_H
#define UNIVERSALITY_COPENBLAS_SHIM_H

#include <cblas.h>

#include "kernels.h"

// The eigenvalues and eigenvectors of a real symmetric matrix in three steps: reduction to
// tridiagonal form, all eigenvectors of the tridiagonal matrix (divide and conquer) or its
// eigenvalues alone, and the way back.
void dsytrd_(const char *uplo, const int *n, double *a, const int *lda, double *d, double *e,
             double *tau, double *work, const int *lwork, int *info);
void dstedc_(const char *compz, const int *n, double *d, double *e, double *z, const int *ldz,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void dsterf_(const int *n, double *d, double *e, int *info);
void dormtr_(const char *side, const char *uplo, const char *trans, const int *m, const int *n,
             const double *a, const int *lda, const double *tau, double *c, const int *ldc,
             double *work, const int *lwork, int *info);

// Singular value decomposition of a general real matrix (divide and conquer).
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda,
             double *s, double *u, const int *ldu, double *vt, const int *ldvt,
             double *work, const int *lwork, int *iwork, int *info);

// Householder QR factorisation and its explicit orthogonal factor.
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau,
             double *work, const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda,
             const double *tau, double *work, const int *lwork, int *info);

#endif
