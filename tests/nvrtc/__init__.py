"""NVRTC, NVIDIA's run-time compiler, from pip's wheels: it needs neither a GPU nor a driver nor CuPy."""
