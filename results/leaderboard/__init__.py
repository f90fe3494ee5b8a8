"""Leaderboard: methods by columns, ranks, tuned settings, formats."""
