"""Texts of made-up residents and crews of the demo city. Data only."""

from random import Random

LANDMARKS = (
    "depan pasar",
    "dekat masjid",
    "samping sekolah",
    "depan puskesmas",
    "di pertigaan",
    "ujung lorong",
    "depan kantor lurah",
    "dekat jembatan",
    "seberang halte",
    "di belakang ruko",
    "dekat lapangan",
    "tepi kanal",
)

# By the slug of a category; n is a number of days, lamps, people.
COMPLAINTS = {
    "sampah": ("Sampah menumpuk sudah {n} hari, baunya menyengat.", "TPS penuh dan sampah meluber sampai ke jalan."),
    "banjir": ("Air setinggi lutut, motor tidak bisa lewat.", "Banjir masuk rumah warga sejak hujan tadi malam."),
    "potensi-banjir": ("Saluran hampir meluap, kalau hujan lagi pasti banjir.", "Permukaan kanal naik cepat."),
    "sanitasi": ("Septik tank umum bocor dan berbau.", "Air limbah mengalir ke jalan lingkungan."),
    "drainase": ("Got tersumbat sampah dan lumpur.", "Tutup drainase hilang, berbahaya untuk anak-anak."),
    "kebakaran": ("Ada asap tebal dari gudang kosong.", "Kabel listrik mengeluarkan percikan api."),
    "pelanggaran-lalu-lintas": ("Banyak motor melawan arah setiap pagi.", "Truk lewat di jam larangan."),
    "parkir-liar": ("Mobil parkir di trotoar setiap hari.", "Parkir dua baris, jalan jadi sempit."),
    "kemacetan": ("Macet panjang karena lampu merah mati.", "Antrean {n} ratus meter di persimpangan."),
    "jalan-rusak": ("Jalan berlubang dalam, sudah ada {n} motor jatuh.", "Aspal terkelupas setelah hujan."),
    "lampu-rambu-rusak": ("Lampu lalu lintas mati sejak kemarin.", "Rambu roboh tertabrak mobil."),
    "pju-rusak": ("{n} lampu jalan padam, gelap sekali malam hari.", "PJU berkedip lalu mati."),
    "tanaman-bermasalah": ("Dahan pohon hampir patah di atas jalan.", "Pohon menutupi lampu jalan."),
    "mobilitas-akses": ("Trotoar rusak, kursi roda tidak bisa lewat.", "Jembatan penyeberangan licin dan bolong."),
    "pkl-liar": ("Lapak menutup seluruh trotoar.", "Gerobak berjualan di badan jalan setiap sore."),
    "iklan-liar": ("Spanduk dipaku di pohon.", "Reklame tanpa izin menutup pandangan."),
    "pelanggaran-bangunan": ("Bangunan baru berdiri di atas saluran air.", "Pagar memakan jalan umum."),
    "vandalisme": ("Dinding sekolah dicoret-coret.", "Halte dirusak dan kacanya pecah."),
    "keamanan": ("Sering ada balapan liar tengah malam.", "Lampu taman mati, warga merasa tidak aman."),
    "tuna-wisma": ("Ada orang tua tidur di emperan, perlu dibantu.", "Anak-anak mengemis di lampu merah."),
    "orang-hilang": ("Ada anak terpisah dari keluarganya di pasar.", "Ada kakek yang tersesat dan lupa alamat."),
    "fasilitas-anak": ("Ayunan di taman patah.", "Perosotan berkarat dan tajam."),
    "fasilitas-umum-rusak": ("Bangku taman roboh.", "Keran air umum tidak mengalir {n} hari."),
    "fogging-dbd": ("Ada {n} warga kena demam berdarah, mohon fogging.", "Banyak jentik di saluran belakang rumah."),
    "kesehatan": ("Posyandu kehabisan vitamin.", "Antrean puskesmas sampai ke jalan."),
    "bansos": ("Tetangga kami lansia belum terdata bantuan.", "Mohon cek data penerima bantuan di RT kami."),
}
GENERAL_COMPLAINTS = ("Mohon segera ditangani, mengganggu warga.", "Sudah {n} hari begini dan belum ada yang datang.")

RESOLUTIONS = (
    "Sudah dikerjakan dan dibersihkan. Terima kasih atas laporannya.",
    "Perbaikan selesai, lokasi sudah aman dilalui.",
    "Tim sudah ke lokasi dan menyelesaikan pekerjaan hari ini.",
)
REJECTIONS = ("Lokasi tidak ditemukan; mohon laporkan lagi dengan patokan.", "Sudah ditangani pada laporan lain.")
REROUTE_REASON = "Bukan kewenangan kami; diteruskan ke dinas yang tepat."
HOLD_REASON = "Menunggu material."
DISPUTES = ("Belum selesai, masih sama seperti kemarin.", "Baru sebagian yang dikerjakan.")

# Five topics make most of the reports, as in real cities; the others share what remains.
WEIGHTS = {"sampah": 28, "pju-rusak": 16, "jalan-rusak": 12, "drainase": 9, "parkir-liar": 8, "potensi-banjir": 6}
OTHER_WEIGHT = 1.4


def random_complaint(category: str, dice: Random) -> str:
    """A few everyday sentences about a problem."""
    sentence = dice.choice(COMPLAINTS.get(category, GENERAL_COMPLAINTS)).format(n=dice.randint(2, 6))
    if dice.random() >= 0.3:
        return sentence
    return f"{sentence} {dice.choice(GENERAL_COMPLAINTS).format(n=dice.randint(2, 9))}"


def random_landmark(dice: Random) -> str:
    """Something like "dekat masjid"."""
    return dice.choice(LANDMARKS).capitalize()
