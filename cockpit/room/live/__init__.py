"""The live half of a war room: what is seen now of pods, signals, database, endpoints and logs."""
