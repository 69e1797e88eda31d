# 905: a word that means nothing is noticed.
[worker:echo]
command = echo-worker
autostart = no
---
at 0s start
at 1s explode echo/0
