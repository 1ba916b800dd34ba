// doctor.h: what the doctor (doctor/doctor.h) asks of the world, answered by KDCs, the DNS and the
// environment as they are.
#ifndef OBOL_CLI_DOCTOR_H
#define OBOL_CLI_DOCTOR_H

#include "cli/client.h"
#include "doctor/doctor.h"

struct doctor_asks {
    struct cli *c;
    struct net net;
    struct net_memory memory;
    struct ccache *cache;
    struct principal client; // who asks the KDC for its clock
};
// doctor_world gives the answers; `asks` must outlive it.
struct doctor_world doctor_world(struct doctor_asks *asks, bool no_dns);

#endif
