"""Which BLAS this process uses, and which kernels it chose."""

import ctypes
import re

# NumPy's wheels rename the functions of their copy of OpenBLAS.
AFFIXES = (("", ""), ("", "64_"), ("scipy_", ""), ("scipy_", "64_"))


def blas():
    """Version and kernels, such as `("OpenBLAS 0.3.21", "SkylakeX")`."""
    with open("/proc/self/maps") as file:
        paths = sorted(set(re.findall(r"/\S*(?:blas|lapack)\S*\.so\S*", file.read())))
    for path in paths:
        library = ctypes.CDLL(path)
        for prefix, suffix in AFFIXES:
            words = []
            for name in ("openblas_get_config", "openblas_get_corename"):
                function = getattr(library, prefix + name + suffix, None)
                if function is not None:
                    function.restype = ctypes.c_char_p
                    words.append(function().decode())
            if len(words) == 2:
                return " ".join(words[0].split()[:2]), words[1]
    return "another BLAS than OpenBLAS", "unknown"
