# 088: an endpoint with max_clients connections stops accepting until one of them is gone; others go on.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
max_clients = 2
[endpoint:web]
listen = unix:web.sock
pool = echo
---
at 0ms connect a uid 1000 endpoint app | admit a
at 1ms connect b uid 1000 endpoint app | admit b
                                     | pause app
at 2ms connect c uid 1000 endpoint web | admit c
at 3ms gone c
at 4ms gone a                        | resume app
at 5ms connect d uid 1000 endpoint app | admit d
                                     | pause app
at 6ms gone b                        | resume app
at 7ms gone d
at 8ms connect a uid 1001 endpoint app | admit a
at 9ms connect b uid 1001 endpoint app | admit b
                                     | pause app
