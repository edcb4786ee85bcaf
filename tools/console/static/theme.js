// The theme: the system's, or the one that was chosen here.

const KEY = 'trackgate-console-theme'
export const THEMES = ['auto', 'light', 'dark']

export function chosen () {
  const kept = localStorage.getItem(KEY)
  return THEMES.includes(kept) ? kept : 'auto'
}

export function choose (theme) {
  localStorage.setItem(KEY, theme)
  apply()
}

export function apply () {
  document.documentElement.dataset.theme = chosen()
}

// Before the first frame, so that the page does not flash.
apply()
