"""The shared kernel: one way to decide, store, publish, hear and project. It knows no banking."""
