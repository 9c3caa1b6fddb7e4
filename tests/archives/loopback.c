/* LD_PRELOAD: binding to any address becomes binding to 127.0.0.1. Orthanc 1.10 has no option for it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int bind(int descriptor, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in here;
        memcpy(&here, address, sizeof here);
        if (here.sin_addr.s_addr == htonl(INADDR_ANY)) here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return real(descriptor, (struct sockaddr *)&here, sizeof here);
    }
    if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 here;
        memcpy(&here, address, sizeof here);
        if (!memcmp(&here.sin6_addr, &in6addr_any, sizeof in6addr_any)) here.sin6_addr = in6addr_loopback;
        return real(descriptor, (struct sockaddr *)&here, sizeof here);
    }
    return real(descriptor, address, length);
}
