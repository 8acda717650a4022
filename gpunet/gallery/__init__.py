"""The lecture in pictures: each program here trains something small and draws what it shows.

`gpunet gallery` writes all pictures and a page of them; `python -m gpunet.gallery.xor` shows one.
"""
