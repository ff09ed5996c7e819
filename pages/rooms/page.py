"""Room: how to join it, and the wall of everyone's runs."""

from __future__ import annotations

from pages.rooms import room_page

room_page.show()
