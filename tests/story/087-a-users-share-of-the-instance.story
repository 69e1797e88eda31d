# 087: a user over max_clients_per_uid of the instance is refused at every endpoint.
[brood]
max_clients_per_uid = 3
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
max_clients_per_uid = 2
[endpoint:web]
listen = unix:web.sock
pool = echo
---
at 0ms connect a1 uid 1000 endpoint app | admit a1
at 1ms connect a2 uid 1000 endpoint app | admit a2
at 2ms connect a3 uid 1000 endpoint web | admit a3
at 3ms connect a4 uid 1000 endpoint web | refuse a4 (limit 3)
at 4ms connect a5 uid 1000 endpoint app | refuse a5 (limit 2)
at 5ms gone a2
at 6ms connect a4 uid 1000 endpoint web | admit a4
at 7ms connect a5 uid 1000 endpoint web | refuse a5 (limit 3)
at 8ms connect r uid 0 endpoint web  | admit r
