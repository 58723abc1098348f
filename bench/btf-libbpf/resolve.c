// Opens a raw BTF file with libbpf and resolves file->f_path.dentry->d_name.name from the first parameter of vfs_read.
// Prints: nanoseconds in process, byte offset of each step.
#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int find_member(const struct btf *btf, int id, const char *name, int *type)
{
	const struct btf_type *record = btf__type_by_id(btf, id);
	const struct btf_member *member = btf_members(record);

	for (int i = 0; i < btf_vlen(record); i++) {
		const char *member_name = btf__name_by_offset(btf, member[i].name_off);

		if (*member_name == '\0') {
			int inner = btf__resolve_type(btf, member[i].type);
			int offset;

			if (!btf_is_composite(btf__type_by_id(btf, inner)))
				continue;
			offset = find_member(btf, inner, name, type);
			if (offset >= 0)
				return offset + btf_member_bit_offset(record, i);
		} else if (strcmp(member_name, name) == 0) {
			*type = member[i].type;
			return btf_member_bit_offset(record, i);
		}
	}
	return -1;
}

static int skip_to_struct(const struct btf *btf, int id)
{
	const struct btf_type *record = btf__type_by_id(btf, id);

	while (btf_is_mod(record) || btf_is_typedef(record) || btf_is_ptr(record)) {
		id = record->type;
		record = btf__type_by_id(btf, id);
	}
	return id;
}

int main(int argc, char **argv)
{
	static const char *const chain[] = { "f_path", "dentry", "d_name", "name" };
	int offsets[4];
	long long start = now_ns();
	struct btf *btf = btf__parse(argv[argc - 1], NULL);

	if (btf == NULL)
		return 1;
	int func = btf__find_by_name_kind(btf, "vfs_read", BTF_KIND_FUNC);

	if (func < 0)
		return 1;
	const struct btf_type *proto = btf__type_by_id(btf, btf__type_by_id(btf, func)->type);
	int type = btf_params(proto)[0].type;

	for (int i = 0; i < 4; i++) {
		offsets[i] = find_member(btf, skip_to_struct(btf, type), chain[i], &type);
		if (offsets[i] < 0)
			return 1;
	}
	long long spent = now_ns() - start;

	printf("%lld %d %d %d %d\n", spent, offsets[0] / 8, offsets[1] / 8, offsets[2] / 8, offsets[3] / 8);
	return 0;
}
