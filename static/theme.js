// Before the first paint: the stored theme, or the system's. A file of its own, because the page's policy allows no inline script.
(function () {
  var wish = null;
  try {
    wish = localStorage.getItem('smps-theme');
  } catch (_) {
    /* storage forbidden */
  }
  var dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
