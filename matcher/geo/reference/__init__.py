"""Council codes and names, and which councils border which, as tables."""
