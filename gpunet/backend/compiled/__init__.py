"""What is compiled for this CPU: kernels, and the loop that repeats a recorded step. Needs Numba."""
