----------------------------- MODULE TraceLines -----------------------------
(* The lines of the file named by the system property raft.trace, as       *)
(* records; read by the class of this name, which takes the place of what  *)
(* stands here.                                                            *)
Lines == CHOOSE lines : TRUE
=============================================================================
