"""A room that learns together, as plain data: who is in it, what they sent, what their runs do."""

from core.rooms.board import Entry, board, ranked, table
from core.rooms.challenge import READY, Budget, Challenge, Judged, Running, tied_with_first
from core.rooms.directory import Limits, Rooms
from core.rooms.figures import Figures, figures_of
from core.rooms.guesses import Guesses, Question
from core.rooms.nicknames import LONGEST_NICKNAME, nickname_of
from core.rooms.room import MOST_MEMBERS, Member, Place, Room
from core.rooms.seat import Seat

__all__ = [
    "LONGEST_NICKNAME",
    "MOST_MEMBERS",
    "READY",
    "Budget",
    "Challenge",
    "Entry",
    "Figures",
    "Guesses",
    "Judged",
    "Limits",
    "Member",
    "Place",
    "Question",
    "Room",
    "Rooms",
    "Running",
    "Seat",
    "board",
    "figures_of",
    "nickname_of",
    "ranked",
    "table",
    "tied_with_first",
]
