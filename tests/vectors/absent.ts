/** The name of the one skipped test that stands for a published suite that is not there. */
export const ABSENT = 'SKIPPED: the published vectors are absent (SMPS_VECTORS says where they are)';
