/* remote: see remote.h. */
#include "remote.h"

#include <linux/magic.h>
#include <stdint.h>
#include <sys/vfs.h>

static bool is_remote(const struct statfs *fs)
{
	switch ((uint32_t)fs->f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case AUTOFS_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case V9FS_MAGIC:
		return true;
	default:
		return false;
	}
}

bool remote_has_path(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && is_remote(&fs);
}

bool remote_has_fd(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && is_remote(&fs);
}
