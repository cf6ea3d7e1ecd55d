// A link that is slow: every packet that the packet rule in link.nft hands it comes back to the namespace that much later.
//
//     eth0 ── netdev ingress: fwd ──► firedrill0 ── read ──► queue ── due ──► write ── firedrill0 ──► the stack
//
//   link <device> <delay in ms> <jitter in ms>
//
// It makes the TUN device, says "ready", and runs until a signal or its parent's end; then whatever waits is delivered at once
// and the device goes with it. Packets keep their order. Each waits at least the delay and at most delay + jitter, drawn for
// each by itself, and longer only where one before it still waits. It wants NET_ADMIN and /dev/net/tun and nothing else.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// More than the largest packet that the kernel hands over uncut, with both of its headers.
#define LARGEST (sizeof(struct virtio_net_hdr) + ETH_HLEN + 65536 + 64)
// What may wait at a time. Past it nothing is read: then the device's own queue fills, and the kernel counts what it drops.
#define WAITING_LIMIT (64u << 20)
// So many are read before those that are due are looked after again.
#define READ_AT_ONCE 64

struct packet {
  struct packet *next;
  int64_t due_ns;
  size_t length;
  char bytes[];
};

static struct packet *first, **last = &first;
static size_t waiting_bytes;
static int64_t last_due_ns;
static volatile sig_atomic_t is_over;

static void end(int signal) {
  (void)signal;
  is_over = 1;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t ns_of(const char *ms) {
  char *rest;
  double value = strtod(ms, &rest);
  if (rest == ms || *rest || !(value >= 0 && value <= 60000)) {
    fprintf(stderr, "%s is no time from 0 to 60000 ms\n", ms);
    exit(1);
  }
  return (int64_t)(value * 1e6);
}

// The device belongs to the file: whatever the program dies of, it goes too. Headers come along, so that the packets that the
// kernel has not cut into pieces yet, and checksums that it has not computed yet, go back in as they came out.
static int make_device(const char *name) {
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq wanted = {.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL)};
  snprintf(wanted.ifr_name, IFNAMSIZ, "%s", name);
  if (ioctl(device, TUNSETIFF, &wanted) < 0) fail(name);
  if (ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN) < 0) fail("offload");
  return device;
}

static void *nested(struct nlmsghdr *message, unsigned short type, const void *data, unsigned short length) {
  struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = RTA_LENGTH(length);
  if (length) memcpy(RTA_DATA(attribute), data, length);
  message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
  return attribute;
}

// A device without an address is not believed, however loose it is about where packets come from. This one is loopback's in any
// case, so nobody reaches more than before, and it is never chosen as a sender's.
static void give_address(const char *name) {
  struct ifreq wanted = {0};
  snprintf(wanted.ifr_name, IFNAMSIZ, "%s", name);
  struct sockaddr_in *address = (struct sockaddr_in *)&wanted.ifr_addr;
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0 || ioctl(any, SIOCSIFADDR, &wanted) < 0) fail("the device takes no address");
  close(any);
}

// Up, and loose about where packets come from: the route back to their senders is eth0, which a strict namespace would not
// bear. The setting is net.ipv4.conf.<device>.rp_filter; /proc/sys cannot be written to in a container, the kernel can be asked.
static void bring_up(const char *name) {
  enum { AF_SPEC = IFLA_AF_SPEC, CONF = 1 /* IFLA_INET_CONF */, RP_FILTER = 8 /* IPV4_DEVCONF_RP_FILTER */ };
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
    char attributes[64];
  } ask = {
      .header = {.nlmsg_len = NLMSG_LENGTH(sizeof ask.link), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)if_nametoindex(name), .ifi_flags = IFF_UP, .ifi_change = IFF_UP},
  };
  const uint32_t loose = 2;
  struct rtattr *spec = nested(&ask.header, AF_SPEC, NULL, 0);
  struct rtattr *inet = nested(&ask.header, AF_INET, NULL, 0);
  struct rtattr *conf = nested(&ask.header, CONF, NULL, 0);
  nested(&ask.header, RP_FILTER, &loose, sizeof loose);
  char *over = (char *)&ask + ask.header.nlmsg_len;
  conf->rta_len = (unsigned short)(over - (char *)conf);
  inet->rta_len = (unsigned short)(over - (char *)inet);
  spec->rta_len = (unsigned short)(over - (char *)spec);

  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[256];
  } answer = {0};
  int kernel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (kernel < 0 || send(kernel, &ask, ask.header.nlmsg_len, 0) < 0 || recv(kernel, &answer, sizeof answer, 0) < 0) fail("netlink");
  close(kernel);
  errno = -answer.error.error;
  if (errno) fail("the device does not come up");
}

// A packet comes with the frame's header, which this device has not; what the kernel sends out of the device itself does not
// concern anybody. The offsets in the packet's own header move along.
static void take(char *bytes, ssize_t length, int64_t delay_ns, int64_t jitter_ns) {
  struct virtio_net_hdr *header = (struct virtio_net_hdr *)bytes;
  const size_t both = sizeof *header + ETH_HLEN;
  if ((size_t)length < both + sizeof(struct iphdr)) return;
  uint16_t type = ntohs(((struct ether_header *)(bytes + sizeof *header))->ether_type);
  if (type != ETHERTYPE_IP && type != ETHERTYPE_IPV6) return;
  if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) header->csum_start -= ETH_HLEN;
  if (header->hdr_len >= ETH_HLEN) header->hdr_len -= ETH_HLEN;

  struct packet *packet = malloc(sizeof *packet + (size_t)length - ETH_HLEN);
  if (!packet) fail("memory");
  memcpy(packet->bytes, bytes, sizeof *header);
  memcpy(packet->bytes + sizeof *header, bytes + both, (size_t)length - both);
  packet->length = (size_t)length - ETH_HLEN;
  int64_t due_ns = now_ns() + delay_ns + (jitter_ns ? (int64_t)(drand48() * (double)jitter_ns) : 0);
  last_due_ns = packet->due_ns = due_ns > last_due_ns ? due_ns : last_due_ns;
  packet->next = NULL;
  *last = packet;
  last = &packet->next;
  waiting_bytes += packet->length;
}

// The kernel counts what it does not take: the device's receive errors.
static void deliver_until(int device, int64_t until_ns) {
  while (first && first->due_ns <= until_ns) {
    struct packet *packet = first;
    while (write(device, packet->bytes, packet->length) < 0 && errno == EINTR) continue;
    first = packet->next;
    if (!first) last = &first;
    waiting_bytes -= packet->length;
    free(packet);
  }
}

static void run(int device, int64_t delay_ns, int64_t jitter_ns) {
  static char bytes[LARGEST] __attribute__((aligned(8)));
  while (!is_over) {
    int64_t wait_ns = first ? first->due_ns - now_ns() : 1000000000;
    if (wait_ns < 0) wait_ns = 0;
    struct timespec wait = {.tv_sec = wait_ns / 1000000000, .tv_nsec = wait_ns % 1000000000};
    struct pollfd readable = {.fd = device, .events = waiting_bytes < WAITING_LIMIT ? POLLIN : 0};
    ppoll(&readable, 1, &wait, NULL);
    for (int count = 0; (readable.revents & POLLIN) && count < READ_AT_ONCE; count++) {
      ssize_t length = read(device, bytes, sizeof bytes);
      if (length < 0 && errno == EBADFD) fail("the device was taken away");
      if (length <= 0) break;
      take(bytes, length, delay_ns, jitter_ns);
    }
    if (readable.revents & POLLERR) fail("the device was taken away");
    deliver_until(device, now_ns());
  }
  deliver_until(device, INT64_MAX);
}

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "link <device> <delay in ms> <jitter in ms>\n");
    return 1;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1000);
  struct sigaction ending = {.sa_handler = end};
  sigaction(SIGTERM, &ending, NULL);
  sigaction(SIGINT, &ending, NULL);
  int64_t delay_ns = ns_of(words[2]), jitter_ns = ns_of(words[3]);
  srand48(now_ns());
  int device = make_device(words[1]);
  give_address(words[1]);
  bring_up(words[1]);
  puts("ready");
  fflush(stdout);
  run(device, delay_ns, jitter_ns);
}
