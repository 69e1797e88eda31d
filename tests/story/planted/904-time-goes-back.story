# 904: a step before the one above it is noticed.
[worker:echo]
command = echo-worker
autostart = no
---
at 2s start
at 1s tick
