"""The rules of ``docs/host-contract.md``, each as something that can be tried on a host."""
