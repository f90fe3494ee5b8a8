"""What sweeps, tables, claims, leaderboard, status and report show, from plans and a store."""
