# 001: a worker is started, is ready with its first SLOTS, and answers a call.
[worker:echo]
command = echo-worker
---
at 0ms start
at 5ms slots echo/0 2
at 10ms call client/1
at 20ms reply client/1
