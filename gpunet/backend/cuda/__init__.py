"""The GPU side of the CuPy backend: which kernels there are, how they are compiled, and what launches each of them."""
