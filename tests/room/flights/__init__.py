"""Every simulated outage flown to recovery through the room, by the steps of the shipped runbooks and nothing else."""
