"""An act's way in: who may say it, how it is judged, folded and kept, and who hears of it."""
