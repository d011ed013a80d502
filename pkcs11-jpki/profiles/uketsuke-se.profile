# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The files of a Secure Element that C_InitToken begins (se-driver/driver_pkcs15init.c): one PIN and one PUK for everything. The
# SE itself asks for the PIN before every change, so nothing here asks for it a second time.
cardinfo {
	label = "Institution SE";
	manufacturer = "Uketsuke";
	min-pin-length = 6;
	max-pin-length = 12;
	pin-pad-char = 0x00;
}
pkcs15 {
	direct-certificates = no;
	encode-df-length = no;
	do-last-update = no;
	pkcs15-id-style = native;
}
PIN user-pin {
	reference = 1;
	attempts = 5;
	min-length = 6;
	max-length = 12;
	stored-length = 16;
	flags = case-sensitive, needs-padding, initialized;
}
PIN so-pin {
	auth-id = FF;
	reference = 2;
	attempts = 5;
	min-length = 8;
	max-length = 16;
	stored-length = 16;
	flags = case-sensitive, needs-padding, initialized, soPin;
}
filesystem {
	DF MF {
		EF DIR {
			type = EF;
			file-id = 2F00;
			size = 128;
			acl = *=NONE;
		}
		DF PKCS15-AppDF {
			aid = A0:00:00:00:63:50:4B:43:53:2D:31:35;
			acl = *=NONE;
			size = 5000;
			EF PKCS15-ODF {
				file-id = 5031;
				size = 256;
				acl = *=NONE;
			}
			EF PKCS15-TokenInfo {
				file-id = 5032;
				acl = *=NONE;
			}
			EF PKCS15-UnusedSpace {
				file-id = 5033;
				size = 128;
				acl = *=NONE;
			}
			EF PKCS15-AODF {
				file-id = 4401;
				size = 256;
				acl = *=NONE;
			}
			EF PKCS15-PrKDF {
				file-id = 4402;
				size = 1024;
				acl = *=NONE;
			}
			EF PKCS15-PuKDF {
				file-id = 4403;
				size = 1024;
				acl = *=NONE;
			}
			EF PKCS15-CDF {
				file-id = 4404;
				size = 1024;
				acl = *=NONE;
			}
			EF PKCS15-DODF {
				file-id = 4405;
				size = 512;
				acl = *=NONE;
			}
			template key-domain {
				BSO private-key {
					acl = *=NONE;
				}
				EF data {
					file-id = 3200;
					acl = *=NONE;
				}
				EF privdata {
					file-id = 3500;
					acl = *=NONE, READ=$PIN;
				}
				EF public-key {
					file-id = 3300;
					acl = *=NONE;
				}
				EF certificate {
					file-id = 3400;
					acl = *=NONE;
				}
			}
		}
	}
}
