# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The least that OpenSC accepts as a profile: our cards create no files; the hook of myna-init.so takes all data.
cardinfo {
	label = "Uketsuke";
	manufacturer = "Uketsuke";
	min-pin-length = 4;
	max-pin-length = 256;
}
pkcs15 {
	do-last-update = no;
}
filesystem {
	DF MF {
		path = 3F00;
		type = DF;
		DF PKCS15-AppDF {
			type = DF;
			file-id = 5015;
			EF PKCS15-DODF {
				file-id = 4407;
				size = 0;
			}
		}
	}
}
