# 244: connections of workers are no part of the limits for those from outside, and are not locked out by them.
[brood]
max_clients = 2
max_clients_per_uid = 1
[worker:front]
command = front
calls = echo
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = front
---
at 0ms start                         | spawn front/0 gen 1
                                     | front/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots front/0 1               | front/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect a uid 1000 endpoint app | admit a
at 3ms connect b uid 1000 endpoint app | refuse b (limit 1)
at 4ms connect c uid 1000 endpoint front->echo of front/0 | admit c
at 5ms connect d uid 1000 endpoint front->echo of front/0 | admit d
at 6ms gone a
at 7ms connect e uid 1000 endpoint app | admit e
