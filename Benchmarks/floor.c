// The floor: what any program must do at least. It reads the dumps with libhdf5, calls BLAS and
// LAPACK in the cheapest order known, adds up and writes the pairs. It checks nothing, joins
// nothing and trusts the layout that make_zoo.py writes.
//
//     floor cka|svcca FOLDER THREADS OUTPUT.csv
//
// One source, two programs: gcc -DSINGLE makes the big products in float; means, sums over tiles and
// eigenvectors stay in double. Threads are spread over representations, tiles and pairs; BLAS gets
// one thread each.

#define _GNU_SOURCE
#include <cblas.h>
#include <glob.h>
#include <hdf5.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#undef I

#ifdef SINGLE
typedef float Real;
#define gemm cblas_sgemm
#define syrk cblas_ssyrk
#define syevd ssyevd_
#else
typedef double Real;
#define gemm cblas_dgemm
#define syrk cblas_dsyrk
#define syevd dsyevd_
#endif

void openblas_set_num_threads(int);
char *openblas_get_corename(void);
char *openblas_get_config(void);
void dsyevd_(char *, char *, int *, double *, int *, double *, double *, int *, int *, int *, int *);
void ssyevd_(char *, char *, int *, float *, int *, float *, float *, int *, int *, int *, int *);

enum { TILE = 256, ROW_BLOCK = 512, NAME = 64 };

typedef struct {
  char file[4096], model[NAME], layer[NAME];
  int d, kept;
  Real *x;           // n × d, centred, ‖x‖ = 1
  Real *basis;       // kept × n, orthonormal rows (SVCCA)
  double *row_norms; // squared norms of the rows of x
} Representation;

static Representation *reps;
static int count, n, threads;
static double *products; // count × count: ‖XᵀY‖², or Σρ
static atomic_long next_item;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

static size_t widest_layer(void) {
  int widest = 0;
  for (int i = 0; i < count; i++) widest = reps[i].d > widest ? reps[i].d : widest;
  return widest;
}

/// Memory for large arrays. Ordinary pages: asking for huge ones costs more than it saves where memory
/// is fragmented (2.6 instead of 0.6 s in the kernel on the medium zoo).
static void *block(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory) fail("out of memory");
  return memory;
}

static void in_parallel(void *(*work)(void *)) {
  pthread_t thread[64];
  next_item = 0;
  for (int i = 1; i < threads; i++) pthread_create(&thread[i], 0, work, 0);
  work(0);
  for (int i = 1; i < threads; i++) pthread_join(thread[i], 0);
}

/// Item `index` of the pairs (i, j), i ≤ j, of `size` things (i < j where `strict`).
static void pair(long index, int size, int strict, int *i, int *j) {
  int row = 0;
  while (index >= size - row - strict) index -= size - row++ - strict;
  *i = row;
  *j = row + strict + (int)index;
}

// ---------------------------------------------------------------------------------- reading

static herr_t add_layer(hid_t group, const char *name, const H5L_info_t *info, void *file) {
  (void)info;
  reps = realloc(reps, (count + 1) * sizeof *reps);
  Representation *r = memset(&reps[count++], 0, sizeof *reps);
  snprintf(r->file, sizeof r->file, "%s", (char *)file);
  snprintf(r->layer, NAME, "%s", name);
  const char *slash = strrchr(r->file, '/');
  snprintf(r->model, NAME, "%.*s", (int)strcspn(slash + 1, "."), slash + 1);
  hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  hsize_t size[2];
  if (H5Sget_simple_extent_ndims(space) != 2) fail("a layer is no matrix");
  H5Sget_simple_extent_dims(space, size, 0);
  n = (int)size[0];
  r->d = (int)size[1];
  H5Sclose(space);
  H5Dclose(dataset);
  return 0;
}

static void index_files(const char *folder) {
  char pattern[4096];
  snprintf(pattern, sizeof pattern, "%s/*.h5", folder);
  glob_t found;
  if (glob(pattern, 0, 0, &found)) fail("no dumps");
  for (size_t i = 0; i < found.gl_pathc; i++) {
    hid_t file = H5Fopen(found.gl_pathv[i], H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t layers = H5Gopen2(file, "layers", H5P_DEFAULT);
    H5Literate(layers, H5_INDEX_NAME, H5_ITER_INC, 0, add_layer, found.gl_pathv[i]);
    H5Gclose(layers);
    H5Fclose(file);
  }
}

/// Reads one layer as float: the library is not safe for threads, so one at a time. Half precision
/// is read as it lies in the file and widened here, which the library does about a hundred times slower.
static void read_floats(const Representation *r, float *to, _Float16 *half) {
  char path[NAME + 8];
  snprintf(path, sizeof path, "layers/%s", r->layer);
  pthread_mutex_lock(&lock);
  hid_t file = H5Fopen(r->file, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(dataset);
  int is_half = H5Tget_size(type) == 2;
  herr_t status = H5Dread(dataset, is_half ? type : H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                          is_half ? (void *)half : (void *)to);
  H5Tclose(type);
  H5Dclose(dataset);
  H5Fclose(file);
  pthread_mutex_unlock(&lock);
  if (status < 0) fail("a layer cannot be read");
  if (is_half)
    for (size_t k = 0; k < (size_t)n * r->d; k++) to[k] = half[k];
}

/// Centres the columns, scales to unit norm, and takes the norms of the rows.
static void standardize(Representation *r, const float *raw) {
  int d = r->d;
  double *mean = calloc(d, sizeof *mean), total = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < d; j++) mean[j] += raw[(size_t)i * d + j];
  for (int j = 0; j < d; j++) mean[j] /= n;
  r->row_norms = malloc(n * sizeof(double));
  for (int i = 0; i < n; i++) {
    double sum = 0;
    for (int j = 0; j < d; j++) {
      double value = raw[(size_t)i * d + j] - mean[j];
      r->x[(size_t)i * d + j] = (Real)value;
      sum += value * value;
    }
    r->row_norms[i] = sum;
    total += sum;
  }
  Real scale = (Real)(1 / sqrt(total));
  for (size_t k = 0; k < (size_t)n * d; k++) r->x[k] *= scale;
  for (int i = 0; i < n; i++) r->row_norms[i] /= total;
  free(mean);
}

static void *read_all(void *unused) {
  size_t widest = widest_layer();
  _Float16 *half = malloc(n * widest * sizeof *half);
#ifndef SINGLE
  float *raw = block(n * widest * sizeof *raw);
#endif
  for (long i; (i = next_item++) < count;) {
    Representation *r = &reps[i];
    r->x = block((size_t)n * r->d * sizeof(Real));
#ifdef SINGLE
    float *raw = r->x;
#endif
    read_floats(r, raw, half);
    standardize(r, raw);
  }
#ifndef SINGLE
  free(raw);
#endif
  free(half);
  return unused;
}

// ---------------------------------------------------------------------------------- linear CKA

/// ‖XᵀY‖² pair by pair: 2 n dₓ d_y operations each.
static void *feature_space(void *unused) {
  size_t widest = widest_layer();
  Real *c = block(widest * widest * sizeof *c);
  for (long item; (item = next_item++) < (long)count * (count + 1) / 2;) {
    int i, j;
    pair(item, count, 0, &i, &j);
    int a = reps[i].d, b = reps[j].d;
    double sum = 0;
    if (i == j) {
      syrk(CblasRowMajor, CblasUpper, CblasTrans, a, n, 1, reps[i].x, a, 0, c, a);
      for (int row = 0; row < a; row++) {
        double part = 0, diagonal = c[(size_t)row * a + row];
        for (int k = row + 1; k < a; k++) part += (double)c[(size_t)row * a + k] * c[(size_t)row * a + k];
        sum += 2 * part + diagonal * diagonal;
      }
    } else {
      gemm(CblasRowMajor, CblasTrans, CblasNoTrans, a, b, n, 1, reps[i].x, a, reps[j].x, b, 0, c, b);
      for (size_t k = 0; k < (size_t)a * b; k++) sum += (double)c[k] * c[k];
    }
    products[(size_t)i * count + j] = sum;
  }
  free(c);
  return unused;
}

/// ⟨XXᵀ, YYᵀ⟩ for all pairs at once, tile by tile of the Gram matrices: one row of `tiles` holds the
/// tile of one representation, and one product of `tiles` with itself adds to all pairs.
static void *gram_tiles(void *unused) {
  int side = (n + TILE - 1) / TILE;
  Real *tiles = block((size_t)count * TILE * TILE * sizeof *tiles);
  Real *part = malloc((size_t)count * count * sizeof *part);
  double *sum = calloc((size_t)count * count, sizeof *sum);
  for (long item; (item = next_item++) < (long)side * (side + 1) / 2;) {
    int a, b;
    pair(item, side, 0, &a, &b);
    int top = a * TILE, left = b * TILE;
    int high = n - top < TILE ? n - top : TILE, wide = n - left < TILE ? n - left : TILE;
    int size = high * wide;
    for (int i = 0; i < count; i++) {
      int d = reps[i].d;
      gemm(CblasRowMajor, CblasNoTrans, CblasTrans, high, wide, d, 1, reps[i].x + (size_t)top * d, d,
           reps[i].x + (size_t)left * d, d, 0, tiles + (size_t)i * size, wide);
    }
    syrk(CblasRowMajor, CblasUpper, CblasNoTrans, count, size, 1, tiles, size, 0, part, count);
    for (int i = 0; i < count; i++)
      for (int j = i; j < count; j++)
        sum[(size_t)i * count + j] += (a == b ? 1 : 2) * (double)part[(size_t)i * count + j];
  }
  pthread_mutex_lock(&lock);
  for (size_t k = 0; k < (size_t)count * count; k++) products[k] += sum[k];
  pthread_mutex_unlock(&lock);
  free(tiles);
  free(part);
  free(sum);
  return unused;
}

/// Writes both estimators: only the norms of the rows are needed to take the bias away.
static void write_cka(FILE *to) {
  double *rows = malloc((size_t)count * n * sizeof *rows);
  double *inner = malloc((size_t)count * count * sizeof *inner);
  double *sums = calloc(count, sizeof *sums), *unbiased = malloc((size_t)count * count * sizeof *inner);
  for (int i = 0; i < count; i++) {
    memcpy(rows + (size_t)i * n, reps[i].row_norms, n * sizeof *rows);
    for (int k = 0; k < n; k++) sums[i] += reps[i].row_norms[k];
  }
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, count, n, 1, rows, n, 0, inner, count);
  double m = n;
  for (int i = 0; i < count; i++)
    for (int j = i; j < count; j++) {
      size_t k = (size_t)i * count + j;
      unbiased[k] = products[k] - m / (m - 2) * inner[k] + sums[i] * sums[j] / ((m - 1) * (m - 2));
    }
  const char *name[] = {"cka-debiased", "cka"};
  const double *matrix[] = {unbiased, products};
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < count; i++)
      for (int j = i + 1; j < count; j++) {
        const double *x = matrix[k];
        double self = x[(size_t)i * count + i] * x[(size_t)j * count + j];
        fprintf(to, "%s,%s,%s,%s,%s,%d,%.17g,\n", name[k], reps[i].model, reps[i].layer, reps[j].model,
                reps[j].layer, n, x[(size_t)i * count + j] / sqrt(self));
      }
}

// ---------------------------------------------------------------------------------- SVCCA

/// The orthonormal scores of the components that hold 99 % of the variance, from the smaller of
/// covariance and Gram matrix, in double.
static void *bases(void *unused) {
  for (long item; (item = next_item++) < count;) {
    Representation *r = &reps[item];
    int d = r->d, narrow = d <= n, m = narrow ? d : n, info;
    double *c = block((size_t)m * m * sizeof *c), *values = malloc(m * sizeof *values);
#ifdef SINGLE
    int step = narrow ? ROW_BLOCK : n;
    double *wide = malloc((size_t)step * d * sizeof *wide);
    for (int i = 0; i < n; i += step) {
      int high = n - i < step ? n - i : step;
      for (size_t k = 0; k < (size_t)high * d; k++) wide[k] = r->x[(size_t)i * d + k];
      cblas_dsyrk(CblasRowMajor, CblasLower, narrow ? CblasTrans : CblasNoTrans, m, narrow ? high : d, 1,
                  wide, d, i > 0, c, m);
    }
    free(wide);
#else
    cblas_dsyrk(CblasRowMajor, CblasLower, narrow ? CblasTrans : CblasNoTrans, m, narrow ? n : d, 1, r->x, d,
                0, c, m);
#endif
    int work_size = 1 + 6 * m + 2 * m * m, integer_size = 3 + 5 * m;
    double *work = block(work_size * sizeof *work);
    int *integers = malloc(integer_size * sizeof *integers);
    dsyevd_("V", "U", &m, c, &m, values, work, &work_size, integers, &integer_size, &info);
    if (info) fail("dsyevd did not converge");
    double total = 0, sum = 0;
    for (int i = 0; i < m; i++) total += values[i];
    int kept = 0;
    while (kept < m && sum < (0.99 - 1e-12) * total) sum += values[m - 1 - kept++];
    r->kept = kept;
    r->basis = block((size_t)kept * n * sizeof(Real));
    // Row i of c is an eigenvector; the largest comes last.
    Real *to = narrow ? malloc((size_t)kept * d * sizeof *to) : r->basis;
    for (int i = 0; i < kept; i++) {
      double scale = narrow ? 1 / sqrt(values[m - 1 - i]) : 1;
      for (int j = 0; j < m; j++) to[(size_t)i * m + j] = (Real)(c[(size_t)(m - 1 - i) * m + j] * scale);
    }
    if (narrow) {
      gemm(CblasRowMajor, CblasNoTrans, CblasTrans, kept, n, d, 1, to, d, r->x, d, 0, r->basis, n);
      free(to);
    }
    free(c), free(values), free(work), free(integers), free(r->x);
  }
  return unused;
}

/// Σρ of each pair, from the eigenvalues ρ² of the smaller of MMᵀ and MᵀM, M = UₓᵀU_y.
static void *correlations(void *unused) {
  int most = 0, info;
  for (int i = 0; i < count; i++) most = reps[i].kept > most ? reps[i].kept : most;
  int work_size = 1 + 6 * most + 2 * most * most, integer_size = 3 + 5 * most;
  Real *m = block((size_t)most * most * sizeof *m), *square = block((size_t)most * most * sizeof *m);
  Real *values = malloc(most * sizeof *values), *work = block(work_size * sizeof *work);
  int *integers = malloc(integer_size * sizeof *integers);
  for (long item; (item = next_item++) < (long)count * (count - 1) / 2;) {
    int i, j;
    pair(item, count, 1, &i, &j);
    Representation *a = &reps[i], *b = &reps[j];
    if (a->kept > b->kept) a = &reps[j], b = &reps[i];
    int k = a->kept;
    gemm(CblasRowMajor, CblasNoTrans, CblasTrans, k, b->kept, n, 1, a->basis, n, b->basis, n, 0, m, b->kept);
    syrk(CblasRowMajor, CblasLower, CblasNoTrans, k, b->kept, 1, m, b->kept, 0, square, k);
    syevd("N", "U", &k, square, &k, values, work, &work_size, integers, &integer_size, &info);
    if (info) fail("the eigenvalues of a pair did not converge");
    double sum = 0;
    for (int s = 0; s < k; s++) sum += values[s] > 0 ? sqrt(values[s]) : 0;
    products[(size_t)i * count + j] = sum / k;
  }
  free(m), free(square), free(values), free(work), free(integers);
  return unused;
}

static void write_svcca(FILE *to) {
  for (int i = 0; i < count; i++)
    for (int j = i + 1; j < count; j++)
      fprintf(to, "svcca,%s,%s,%s,%s,%d,%.17g,\n", reps[i].model, reps[i].layer, reps[j].model, reps[j].layer, n,
              products[(size_t)i * count + j]);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage: floor cka|svcca FOLDER THREADS OUTPUT.csv");
  int is_cka = !strcmp(argv[1], "cka");
  threads = atoi(argv[3]);
  if (threads < 1 || threads > 64) fail("1 to 64 threads");
  openblas_set_num_threads(1);

  double start = now();
  index_files(argv[2]);
  products = calloc((size_t)count * count, sizeof *products);
  in_parallel(read_all);
  double read = now(), prepared = read;

  const char *route = "bases";
  if (is_cka) {
    double width = 0;
    for (int i = 0; i < count; i++) width += reps[i].d;
    double by_features = n * width * width;
    double by_samples = (double)n * n * (width + 0.5 * count * count);
    route = by_features < by_samples ? "feature space" : "Gram tiles";
    in_parallel(by_features < by_samples ? feature_space : gram_tiles);
  } else {
    in_parallel(bases);
    prepared = now();
    in_parallel(correlations);
  }
  double compared = now();

  FILE *to = fopen(argv[4], "w");
  if (!to) fail("the output cannot be written");
  fprintf(to, "metric,model_a,layer_a,model_b,layer_b,n,value,reason\n");
  (is_cka ? write_cka : write_svcca)(to);
  fclose(to);
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  printf("{\"route\": \"%s\", \"blas\": \"%.15s\", \"core\": \"%s\", \"hdf5\": \"%u.%u.%u\", ", route,
         openblas_get_config(), openblas_get_corename(), major, minor, release);
  printf("\"read\": %.4f, \"prepare\": %.4f, \"compare\": %.4f, \"write\": %.4f}\n", read - start,
         prepared - read, compared - prepared, now() - compared);
  return 0;
}
