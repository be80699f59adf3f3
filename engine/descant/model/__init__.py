"""Room: the network behind one small interface, and where trained ones come from."""
