# support: what the end-to-end and peers tests share: programs, realms and clients of every make.
