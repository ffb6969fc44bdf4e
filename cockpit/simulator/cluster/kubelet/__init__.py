"""The kubelets: containers of pods, from their images to their logs."""
