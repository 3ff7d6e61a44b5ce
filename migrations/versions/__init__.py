"""One file per step; imports no models, so that an old step never changes its meaning."""
