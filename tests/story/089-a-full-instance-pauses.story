# 089: with max_clients connections in all, no endpoint accepts until one is gone; operators are let in all the same.
[brood]
max_clients = 3
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
at 0ms connect a uid 1 endpoint app  | admit a
at 1ms connect b uid 2 endpoint web  | admit b
at 2ms connect c uid 3 endpoint app  | admit c
                                     | pause app
                                     | pause all
at 3ms connect operator uid 0        | admit operator
at 4ms gone operator
at 5ms gone b                        | resume all
at 6ms connect d uid 4 endpoint web  | admit d
                                     | pause all
at 7ms gone a                        | resume app
                                     | resume all
at 8ms gone c
at 9ms gone d
at 10ms connect a uid 1 endpoint web | admit a
at 11ms connect b uid 1 endpoint web | admit b
at 12ms connect c uid 1 endpoint app | admit c
                                     | pause all
