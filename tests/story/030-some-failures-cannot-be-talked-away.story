# 030: a start that took too long, a closed channel and a broken protocol are failures even if the exit code is 0.
[defaults]
restart = on-failure
restart_jitter = 0%
start_timeout = 1s
[worker:slow]
command = x
[worker:mute]
command = x
[worker:broken]
command = x
---
at 0ms start                         | spawn slow/0 gen 1
                                     | slow/0 gen 1: DOWN -> STARTING (start)
                                     | spawn mute/0 gen 1
                                     | mute/0 gen 1: DOWN -> STARTING (start)
                                     | spawn broken/0 gen 1
                                     | broken/0 gen 1: DOWN -> STARTING (start)
at 1ms slots mute/0 1                | mute/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots broken/0 1              | broken/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms lost mute/0 closed            | end channel mute/0
                                     | signal mute/0 TERM
                                     | mute/0 gen 1: UP -> STOPPING (it closed its channel), SIGTERM sent
at 2ms lost broken/0 broken          | end channel broken/0
                                     | signal broken/0 TERM
                                     | broken/0 gen 1: UP -> STOPPING (it broke the protocol), SIGTERM sent
at 3ms exit mute/0 code 0            | mute/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 3ms, it closed its channel), retry 1 in 250ms
at 3ms exit broken/0 code 0          | broken/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 3ms, it broke the protocol), retry 1 in 250ms
at 253ms tick                        | spawn mute/0 gen 2
                                     | mute/0 gen 2: BACKOFF -> STARTING (delay over)
                                     | spawn broken/0 gen 2
                                     | broken/0 gen 2: BACKOFF -> STARTING (delay over)
at 253ms slots mute/0 1              | mute/0 gen 2: STARTING -> UP (ready after 0ms)
at 253ms slots broken/0 1            | broken/0 gen 2: STARTING -> UP (ready after 0ms)
at 1s tick                           | end channel slow/0
                                     | signal slow/0 TERM
                                     | slow/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 1001ms exit slow/0 code 0         | slow/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 1.0s, not ready within start_timeout), retry 1 in 250ms
