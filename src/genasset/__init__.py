"""GenAsset keeps each generated picture together with its full recipe."""
