"""Pictures: what they are, and small versions of them."""

from genasset.images.budget import MemoryBudget
from genasset.images.facts import ImageFacts
from genasset.images.identify import identify
from genasset.images.preview import PREVIEW_MEDIA_TYPE, PREVIEW_SIZES, preview

__all__ = ["PREVIEW_MEDIA_TYPE", "PREVIEW_SIZES", "ImageFacts", "MemoryBudget", "identify", "preview"]
