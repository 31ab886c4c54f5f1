/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PPPoX socket as pppd's channel; see channel.h. */
#include "pppd-plugin/compat.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "pppd-plugin/channel.h"

#define EARLY_MAX   8 /* a client has sent its first Configure-Request, and perhaps once more */
#define FRAME_MAX   1500
#define ADDRESS_CTL 2 /* FF 03, RFC 1662 3.1 */

static int channel_fd = -1;
static struct {
	uint8_t bytes[ADDRESS_CTL + FRAME_MAX];
	size_t len;
} early[EARLY_MAX];
static size_t n_early;

/* Hand over what came early, as pppd's own loop would: LCP has just begun. */
static void feed(void *ctx)
{
	struct protent *lcp = host_protocol(PPP_LCP);

	(void)ctx;
	for (size_t i = 0; i < n_early && lcp; i++) {
		if (snoop_recv_hook)
			snoop_recv_hook(early[i].bytes, (int)early[i].len);
		lcp->input(0, early[i].bytes + HOST_HDR_LEN, (int)(early[i].len - HOST_HDR_LEN));
	}
	n_early = 0;
}

/*
 * The kernel has taken address and control bytes from the frame.  Before LCP is up nothing but LCP
 * has a meaning (RFC 1661 3.4), so the rest is dropped, as pppd would.
 */
static void keep(const uint8_t *frame, size_t len)
{
	static const uint8_t header[HOST_HDR_LEN] = {0xff, 0x03, PPP_LCP >> 8, PPP_LCP & 0xff};

	if (len < HOST_HDR_LEN - ADDRESS_CTL || len > FRAME_MAX ||
	    memcmp(frame, header + ADDRESS_CTL, HOST_HDR_LEN - ADDRESS_CTL))
		return;
	memcpy(early[n_early].bytes, header, ADDRESS_CTL);
	memcpy(early[n_early].bytes + ADDRESS_CTL, frame, len);
	early[n_early++].len = ADDRESS_CTL + len;
}

static int establish(int fd)
{
	uint8_t frame[FRAME_MAX + 1];
	ssize_t n;
	int ppp;

	for (int i = 0; i < EARLY_MAX && (n = recv(fd, frame, sizeof(frame), MSG_DONTWAIT)) >= 0;
	     i++)
		keep(frame, (size_t)n);
	/* From here on the kernel hands frames to ppp_generic. */
	ppp = host_establish(fd);
	if (ppp >= 0 && n_early)
		host_timeout(feed, NULL, 0);
	return ppp;
}

static int give(void)
{
	return channel_fd;
}

static void close_channel(void)
{
	if (channel_fd >= 0)
		close(channel_fd);
	channel_fd = -1;
}

static void send_config(int mtu, uint32_t accm, int pcomp, int accomp)
{
	int limit = lcp_allowoptions[0].mru;

	(void)accm;
	(void)pcomp;
	(void)accomp;
	host_set_mtu(limit > 0 && mtu > limit ? limit : mtu);
}

static option_t no_options[] = {{.name = NULL}};
static struct channel channel = {
	.options = no_options,
	.connect = give,
	.disconnect = close_channel,
	.establish_ppp = establish,
	.disestablish_ppp = host_disestablish,
	.send_config = send_config,
	.cleanup = close_channel,
	.close = close_channel,
};

void channel_init(void (*complete)(void))
{
	/* L2TP keeps both bytes; we do not ask for what does not pay. */
	lcp_wantoptions[0].neg_accompression = false;
	lcp_wantoptions[0].neg_pcompression = false;
	channel.check_options = complete;
	the_channel = &channel;
}

void channel_use(int fd)
{
	/* pppd may run scripts. */
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	channel_fd = fd;
}
