"""Nothing: help texts of NumPy's number types, attached at every start."""
