"""A static site of results: pages from data classes, files from pages; no server, no network."""

from __future__ import annotations

from results.site.page_data import (
    ClaimGroup,
    FigurePage,
    ListColumn,
    Listing,
    Quantity,
    Site,
    SurfacePanel,
    SweepPage,
    TablePage,
)
from results.site.writer import SiteError, write_site

__all__ = [
    "ClaimGroup",
    "FigurePage",
    "ListColumn",
    "Listing",
    "Quantity",
    "Site",
    "SiteError",
    "SurfacePanel",
    "SweepPage",
    "TablePage",
    "write_site",
]
