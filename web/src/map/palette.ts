/** The quiet colours of the base map: everything here stays lighter than the sites that have to speak. */
export const ground = "#f4f1ea";
export const waterFill = "#c9dde6";
export const waterLine = "#a9c6d4";
export const waterText = "#3f6b80";
export const roadMajor = "#ffffff";
export const roadMajorCasing = "#cabfa9";
export const roadMinor = "#ffffff";
export const roadMinorCasing = "#e3dccf";
export const boundaryLine = "#a08fa8";
export const placeText = "#4d4456";
export const halo = "rgba(255, 255, 255, 0.9)";
export const parcelLine = "#b3a688";
export const settlementFill = "#b04a5a";
export const protectedFill = "#7e9a5a";
