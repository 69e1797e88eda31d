# 068: who has a channel and never answers on it is told how a program without the SDK is run; who fails at once is not.
[worker:sleep]
command = sleep 1000
start_timeout = 5s
restart_jitter = 0%
[worker:true]
command = true
restart_jitter = 0%
[worker:false]
command = false
restart_jitter = 0%
---
at 0ms start                         | spawn sleep/0 gen 1
                                     | sleep/0 gen 1: DOWN -> STARTING (start)
                                     | spawn true/0 gen 1
                                     | true/0 gen 1: DOWN -> STARTING (start)
                                     | spawn false/0 gen 1
                                     | false/0 gen 1: DOWN -> STARTING (start)
at 1ms exit true/0 code 0 mute       | true/0 gen 1: STARTING -> BACKOFF (exit 0, ran 1ms, it never answered on its channel; a program without the SDK needs channel = none), retry 1 in 250ms
at 2ms exit false/0 code 1 mute      | false/0 gen 1: STARTING -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
at 251ms tick                        | spawn true/0 gen 2
                                     | true/0 gen 2: BACKOFF -> STARTING (delay over)
at 252ms tick                        | spawn false/0 gen 2
                                     | false/0 gen 2: BACKOFF -> STARTING (delay over)
at 5s tick                           | end channel sleep/0
                                     | signal sleep/0 TERM
                                     | sleep/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 5.1s exit sleep/0 signal 15 mute  | sleep/0 gen 1: STOPPING -> BACKOFF (signal 15 TERM, ran 5.1s, it never answered on its channel; a program without the SDK needs channel = none), retry 1 in 250ms
at 5.35s tick                        | spawn sleep/0 gen 2
                                     | sleep/0 gen 2: BACKOFF -> STARTING (delay over)
