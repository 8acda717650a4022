"""Programs that measure gpunet: ``python -m benchmarks …``."""
