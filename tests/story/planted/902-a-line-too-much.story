# 902: a line that was not expected is noticed.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
