# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Nothing beyond pkcs15.profile: OpenSC wants a file per card driver.
cardinfo {
	label = "JPKI";
}
