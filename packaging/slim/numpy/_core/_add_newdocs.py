"""Nothing: 216 kB of help texts that NumPy attaches to its functions at every start."""
