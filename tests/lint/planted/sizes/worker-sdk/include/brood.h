/* Planted: short, so that it needs no exception. */
