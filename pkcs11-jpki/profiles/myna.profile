# Nothing beyond pkcs15.profile: OpenSC wants a file per card driver.
cardinfo {
	label = "JPKI";
}
