"""The CUDA C++ sources of gpunet's kernels, installed as ``gpunet.kernels``."""
