"""Stories that cross contexts: the only place, with the tests of the architecture, where two contexts meet."""
