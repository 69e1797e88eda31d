/* text: UTF-8, decoded strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "text.h"

#include <stdint.h>
#include <string.h>

/* Decodes one character; its size, or 0 if it is none. */
static size_t decode(const unsigned char *from, size_t size, uint32_t *character_out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = from[0] < 0x80   ? 1
			: from[0] < 0xc0 ? 0
			: from[0] < 0xe0 ? 2
			: from[0] < 0xf0 ? 3
					 : 4;
	uint32_t character;

	if (length == 0 || length > size || from[0] > 0xf4)
		return 0;
	character = length == 1 ? from[0] : from[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((from[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (from[i] & 0x3fu);
	}
	if (character < least[length] || character > 0x10ffff || (character & ~0x7ffu) == 0xd800)
		return 0;
	*character_out = character;
	return length;
}

static enum text_flaw judge(uint32_t character)
{
	if (character == 0xfeff)
		return TEXT_BOM;
	if ((character < 0x20 && character != '\t') || (character >= 0x7f && character < 0xa0))
		return TEXT_CONTROL;
	return TEXT_FINE;
}

enum text_flaw text_check(const char *bytes, size_t size, size_t *column_out, unsigned *byte_out)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t column = 1;

	for (size_t i = 0; i < size; column++) {
		uint32_t character = 0;
		size_t length = decode(at + i, size - i, &character);
		enum text_flaw flaw = length == 0 ? TEXT_INVALID : judge(character);

		if (flaw != TEXT_FINE) {
			*column_out = column;
			*byte_out = at[i];
			return flaw;
		}
		i += length;
	}
	return TEXT_FINE;
}

struct text_excerpt text_excerpt(const char *text)
{
	struct text_excerpt excerpt = {{0}};
	size_t size = strnlen(text, TEXT_EXCERPT_MOST + 1);

	if (size <= TEXT_EXCERPT_MOST) {
		memcpy(excerpt.text, text, size);
		return excerpt;
	}
	size = TEXT_EXCERPT_MOST;
	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
		size--;
	memcpy(excerpt.text, text, size);
	memcpy(excerpt.text + size, "...", 4);
	return excerpt;
}

bool text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_is_digits(const char *text)
{
	return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}
